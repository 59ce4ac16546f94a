module tlog

go 1.26.5

require golang.org/x/mod v0.43.0
