"""What a line costs the customer and may not exceed, and what it earns the lender."""
