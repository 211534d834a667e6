"""The entry portal: what no machine reports, entered by one person, judged by another, landed as raw rows."""
