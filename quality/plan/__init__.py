"""The data-quality control plan beside what really happened, month by month."""
