"""The next step, how long, and whether it ends well: learned online from what people do, pure.

    learner.py      the one to use: `Learner` hears what happened, says what is next, how long, and how likely it ends
    well step.py         what happened (`Step`, `Outcome`), and a case's way so far (`Path`)
    contexts.py     the situations that are counted: the last steps, what is done, the time, who, each declared fact
    counters.py     counts per situation, that can be taken back exactly; and the same where what is recent weighs more
    mixing.py       how the situations are weighed against each other, learned online
    scale.py        a said probability against how often it came true
    remaining.py    how long it still takes: median and 80 % interval
    chance.py       whether a goal is reached, in time, rated well
    reasons.py      why: the counts that carried an advice, and what it would be without them
    answers.py      what people did with the advice; no one of them moves much
    outcomes.py     which action leads to good ends, from logged choices (inverse propensity, doubly robust)
    evaluation.py   test, then learn, over a whole log; yardsticks.py beside it
    simulation.py   a house whose truth is known, to see that outcome-seeking beats habit

Nothing here reads a clock or draws at random by itself: moments and seeds are arguments.
"""
