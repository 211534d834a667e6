"""The reference park: a site folder, the simulator that fills its meters, and the plant that plays a day."""
