"""Stack measurement: CO2 mass of an hour, which hours are valid, and what stands for the others."""
