"""The customer's bank accounts, and the transfers between their bank and ours."""
