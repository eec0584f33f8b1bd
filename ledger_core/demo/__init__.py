"""The demo book: invented people, their habits and stories, a year of life through the real commands."""
