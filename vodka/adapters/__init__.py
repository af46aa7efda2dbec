"""The outside world, one door per thing: mail, DNS, HTTP, the directory. Each is a Protocol and its implementations."""
