[
Scenario::named("money comes in")
    .given([
        Event::AccountOpened { owner: "Petra".into() },
    ])
    .when(Command::Deposit(4))
    .then([
        Event::Deposited(4),
    ]),
]
