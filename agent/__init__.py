"""One turn of a conversation: from a customer's message to a reply that can be proved."""
