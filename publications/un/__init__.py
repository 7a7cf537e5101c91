"""The United Nations of 2019 to 2021 as an instance, and what becomes of its plan when the mission in Mali closes half-way."""
