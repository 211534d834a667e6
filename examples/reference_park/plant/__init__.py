"""The plant: real servers that play the recorded day of the simulator by the protocols that enterprises use."""
