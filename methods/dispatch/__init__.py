"""Day-ahead dispatch of source, grid, load and storage as linear programs on HiGHS. Advice, never control."""
