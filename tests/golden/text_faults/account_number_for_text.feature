Feature: account

  Scenario: anybody can open an account
    When open account, owner 5
    Then account opened, owner "5"
