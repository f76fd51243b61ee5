module lockflight

go 1.24
