"""Product footprints to and from partners: one record, its releases, and the profiles that write it and read it."""
