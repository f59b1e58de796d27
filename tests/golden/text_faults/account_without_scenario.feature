Feature: account

  Given account opened, owner "Petra"
  When deposit 10
  Then deposited 10
