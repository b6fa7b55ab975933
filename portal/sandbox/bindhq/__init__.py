"""A stateful local stand-in for BindHQ: its API as contract.json has it, the event feed, signed webhooks, a console.

`store.py` keeps what survives a restart, `records.py` and `receipts.py` are what happens to policies and money,
`api.py` answers the wire, `faults.py` makes it go wrong, `console/` is for people and tests.
"""
