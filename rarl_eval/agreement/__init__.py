"""What a run's rewards are worth: the evidence of ``agree``, from traces to sentences."""
