"""The board: a plan on a page of this machine, where rules are switches and the plan moves with them."""
