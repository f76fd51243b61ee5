module freshness

go 1.24

require lockflight v0.1.0

replace lockflight => ../../sdk/go
