"""The addresses of the outside contract, one file per subject."""
