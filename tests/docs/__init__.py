"""What the documents tell their readers to do, and what does it here."""
