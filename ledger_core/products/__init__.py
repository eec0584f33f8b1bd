"""Product terms as data, versioned and effective-dated; `load` returns one version."""

from ledger_core.products.schema import Product, all_products, load, versions

__all__ = ["Product", "all_products", "load", "versions"]
