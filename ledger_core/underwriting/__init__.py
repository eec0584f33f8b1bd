"""Who may borrow how much: a scored probability of default, policy rules as data, and exact reasons."""
