"""Coalition force generation: who sends what, where and when; what stays open; what each political restriction costs."""
