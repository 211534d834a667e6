"""The plant of the mixed load: meters, a gateway, stacks and a control system, each a process of its own.

Every peer keeps a journal of what the collector may be held to: what a meter answered, a broker or the collector
acknowledged, a server published.
"""
