Feature: account

  @open-queston
  Scenario: Who may close an account whose owner has died?

  open-question
  Scenario: What becomes of the money?
