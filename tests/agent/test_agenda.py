"""What a message does to the agenda: answers, changes of mind, several wishes, digressions."""

from datetime import date

from agent.agenda import Agenda, Pending, Question, Task
from agent.agenda_context import in_context
from agent.agenda_update import Decision, update
from tests.fixtures.hearing import NO, YES, heard

PENDING = Pending("prop_1", typed_yes=True)


def after(agenda: Agenda, said, pending=None, turn="t2"):
    return update(agenda, said, turn_id=turn, pending=pending)


def intents(agenda: Agenda) -> list[str]:
    return [task.intent for task in agenda.live]


def test_a_plain_yes_confirms_the_only_proposal_shown():
    assert after(Agenda(), YES, PENDING)[1] == Decision("confirm", "prop_1")


def test_a_plain_no_declines_it():
    assert after(Agenda(), NO, PENDING)[1] == Decision("decline", "prop_1")


def test_a_yes_to_what_needs_the_button_only_points_to_the_button():
    agenda, decision = after(Agenda(), YES, Pending("prop_1", typed_yes=False))
    assert decision is None
    assert intents(agenda) == ["use_the_button"]


def test_a_question_about_the_proposal_confirms_nothing():
    agenda, decision = after(Agenda(), heard("what does that cost me", "fee_explain"), PENDING)
    assert decision is None
    assert intents(agenda) == ["fee_explain"]


def test_never_mind_drops_what_was_open():
    agenda, decision = after(Agenda((Task("a", "payment_make"),)), heard("forget it", cancels=True))
    assert decision is None
    assert [task.state for task in agenda.tasks if task.id == "a"] == ["cancelled"]
    assert intents(agenda) == ["never_mind"]


ASKED = Agenda(
    (Task("a", "hardship", state="asking", asked=1, question=Question("plan_kind", "choice", ("extension", "plan_12", "relief"))),)
)


def test_an_ordinal_answers_a_choice():
    agenda, _ = after(ASKED, heard("the last one", ordinals=[-1]))
    assert agenda.tasks[0].slots == {"plan_kind": "relief"}
    assert agenda.tasks[0].state == "open"


def test_a_named_option_answers_a_choice():
    agenda, _ = after(ASKED, heard("12 payments sounds right"))
    assert agenda.tasks[0].slots["plan_kind"] == "plan_12"


def test_a_choice_with_a_question_is_only_looked_at():
    agenda, _ = after(ASKED, heard("the last one. wait, how much interest is that", "interest_explain", ordinals=[-1]))
    assert agenda.tasks[0].slots == {"looking_at": "relief"}


def test_a_digression_leaves_the_open_choice_as_it_was():
    agenda, _ = after(ASKED, heard("when is my payment due", "due_date_info"))
    assert intents(agenda) == ["hardship", "due_date_info"]
    assert agenda.live[0].question is not None


def test_rights_come_first_and_the_payment_before_the_draw():
    said = heard("i want to draw 100, pay what is late, and that 80 wasn't me", "draw_request", "payment_make",
                 rights=["dispute_open"])
    agenda, _ = after(Agenda(), said)
    assert intents(agenda) == ["dispute_open", "payment_make", "draw_request"]


def test_a_negated_wish_opens_nothing():
    agenda, _ = after(Agenda(), heard("don't close it, just tell me my balance", "close_account", "balance",
                                      negated=["close_account"]))
    assert intents(agenda) == ["balance"]


def test_a_correction_changes_the_task_that_proposed():
    proposed = Agenda((Task("a", "payment_make", state="proposed", proposal_id="prop_1", slots={"amount_cents": 10_000}),))
    agenda, decision = after(proposed, heard("no, i meant 200", "payment_make", amounts=[20_000], correction=True), PENDING)
    assert decision is None
    assert agenda.tasks[0].slots["amount_cents"] == 20_000
    assert agenda.tasks[0].state == "open"


def test_an_offer_is_taken_up_by_a_yes_and_lapses_otherwise():
    offered = Agenda(
        (Task("a", "payoff_quote", state="asking", question=Question("offer", "yes_no"),
              slots={"offer": {"intent": "payment_make", "slots": {"amount_cents": 150_000}}}),)
    )
    taken, _ = after(offered, YES)
    assert [(t.intent, t.slots) for t in taken.live] == [("payment_make", {"amount_cents": 150_000})]
    lapsed, _ = after(offered, heard("what is my rate", "rate_info"))
    assert intents(lapsed) == ["rate_info"]


def test_the_third_message_we_do_not_understand_goes_to_a_person():
    agenda = Agenda()
    for turn in ("t1", "t2", "t3"):
        said = heard("blorp")
        agenda, _ = update(agenda, said.__class__(**{**vars(said), "intents": ()}), turn_id=turn, pending=None)
        agenda = Agenda(tuple(Task(t.id, t.intent, state="done") for t in agenda.tasks))
    assert [task.intent for task in agenda.tasks] == ["unclear", "unclear", "unclear_handoff"]


def test_amounts_and_days_go_to_the_wish():
    agenda, _ = after(Agenda(), heard("pay 150 on april 3", "payment_make", amounts=[15_000], dates=[date(2026, 4, 3)]))
    assert agenda.live[0].slots == {"amount_cents": 15_000, "on": "2026-04-03"}


def in_light_of(text: str, *intents: str, tasks=(), **parts):
    return in_context(Agenda(tuple(tasks)), heard(text, *intents, **parts))


def test_it_is_what_was_just_talked_of():
    paid = Task("t1.0", "payment_make", state="done")
    drawn = Task("t2.0", "draw_request", state="done")
    said = "actually cancel it"
    assert in_light_of(said, "draw_cancel", tasks=[paid]).intents[0].name == "payment_cancel"
    assert in_light_of(said, "payment_cancel", tasks=[paid, drawn]).intents[0].name == "draw_cancel"


def test_stop_it_after_autopay_is_no_wish_for_silence():
    said = in_light_of("stop it", "cease_contact", tasks=[Task("t1.0", "autopay_manage", state="done")],
                       rights=["cease_contact"])
    assert said.rights == ()
    assert said.intents[0].name == "autopay_manage"


def test_stop_calling_me_stays_a_wish_for_silence():
    said = in_light_of("stop calling me about it", "cease_contact", tasks=[Task("t1.0", "payment_make", state="done")],
                       rights=["cease_contact"])
    assert [right.name for right in said.rights] == ["cease_contact"]


def test_asking_how_a_dispute_stands_reports_no_new_error():
    assert in_light_of("any news on the dispute?", "dispute_status", rights=["dispute_open"]).rights == ()
    both = in_light_of("any news? and i never made that draw", "dispute_status", "dispute_open", rights=["dispute_open"])
    assert [right.name for right in both.rights] == ["dispute_open"]


def test_the_same_draw_twice_is_a_notice_of_error_in_any_words():
    said = in_light_of("you sent me the same draw of 150 twice", "draw_status", amounts=[15_000])
    assert [right.name for right in said.rights] == ["dispute_open"]


def test_cannot_pay_is_hardship_even_in_a_question_about_the_rules():
    said = in_light_of("what happens if i can't pay", "policy_question", rights=["hardship"])
    assert [right.name for right in said.rights] == ["hardship"]


def test_another_option_replaces_the_one_that_was_proposed():
    task = Task("t1.0", "hardship", state="proposed", proposal_id="prop_1",
                slots={"offered": ["plan_12", "plan_24"], "plan_kind": "plan_24"})
    agenda, decision = after(Agenda((task,)), heard("no, the 12 payment one instead", correction=True), PENDING)
    assert decision is None
    assert agenda.tasks[0].slots["plan_kind"] == "plan_12"


def test_a_yes_after_a_digression_shows_the_card_again_and_confirms_nothing():
    task = Task("t1.0", "payment_make", state="proposed", proposal_id="prop_1")
    agenda, decision = after(Agenda((task,)), YES)
    assert decision is None
    assert [(t.intent, t.state) for t in agenda.live] == [("payment_make", "open")]


def test_the_amount_after_make_it_counts():
    agenda, _ = after(Agenda(), heard("pay 10, no wait make it 20", "payment_make", amounts=[1_000, 2_000]))
    assert agenda.live[0].slots["amount_cents"] == 2_000


def test_a_draw_told_in_a_dispute_is_no_wish_for_a_draw():
    said = heard("i asked for 100 only got 80", "draw_request", amounts=[10_000, 8_000], rights=["dispute_open"])
    assert intents(after(Agenda(), said)[0]) == ["dispute_open"]
