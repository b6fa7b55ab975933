"""BindHQ: the only place that knows its paths, headers and shapes. `portal/sandbox/bindhq/contract.json` has them all.

Little of that contract is public, most is our proposal: to move to the real wire, change this package and the contract.
"""
