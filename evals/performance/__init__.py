"""One module per benchmark; each has `bench(options) -> Figures`, with a floor or peer in the same run."""
