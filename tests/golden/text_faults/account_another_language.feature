Feature: account

  Szenario: Geld wird eingezahlt
    Angenommen account opened, owner "Petra"
    Wenn deposit 10
    Dann deposited 10
