Feature: account

  Scenario: anybody can open an account
    When open account
    Then account opened, owner "Petra"
