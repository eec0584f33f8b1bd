"""The general ledger: all lines folded day by day, the trial balance, the export, the reconciliation."""
