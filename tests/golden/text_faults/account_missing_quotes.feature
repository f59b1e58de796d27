Feature: account

  Scenario: anybody can open an account
    When open account, owner Petra
    Then account opened, owner Petra Meier
