package abi
