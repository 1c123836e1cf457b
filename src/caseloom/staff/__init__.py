"""Users, teams, roles, skills; access.py is the one policy of rights."""
