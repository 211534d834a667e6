"""Reports: the published marts as documents that people sign, in Chinese and English, for Word, Excel and as PDF."""
