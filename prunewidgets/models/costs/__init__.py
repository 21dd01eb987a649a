"""What a model costs: bytes, multiply-adds, memory and time, each counted or measured."""
