"""Pure: double entry. Balanced drafts out of facts; nothing here writes."""
