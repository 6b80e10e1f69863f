app-name = Letterlock
