"""The energy network by month: what passes each link from purchase to end use, and how every node closes."""
