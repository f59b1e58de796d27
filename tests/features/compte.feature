# language: fr
Fonctionnalité: compte

  Contexte:
    Soit un compte ouvert
    Et que 10 ont été déposés

  Scénario: retrait
    Quand on retire 4
    Alors 4 sont retirés
    Mais le compte reste ouvert

  Plan du scénario: trop peu
    Étant donné qu'il reste <reste>
    Lorsqu'on retire 20
    Alors c'est refusé

    Exemples:
      | reste |
      | 1     |
      | 19    |
