from ledger_core.ids import ID_PATTERN, new_id, prefix_of


def test_ids_made_one_after_another_sort_in_that_order():
    made = [new_id("line") for _ in range(2_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_id_says_what_it_names():
    made = new_id("entry")
    assert ID_PATTERN.match(made)
    assert prefix_of(made) == "entry"
