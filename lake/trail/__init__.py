"""The audit trail: who changed and who read what, by every door, in one shape and in the lake."""
