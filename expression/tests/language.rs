//! What every operator and function answers, and what faults look like.
#![allow(clippy::unwrap_used, missing_docs)]
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::*;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use lockflight_expression::{EvaluateError, Expression, Kind, Literal, functions};

/// Three rows; the last one is null wherever it can be.
fn table() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "small",
            Arc::new(Int8Array::from(vec![Some(-7), Some(100), None])),
        ),
        (
            "big",
            Arc::new(Int64Array::from(vec![Some(i64::MAX), Some(i64::MIN), None])),
        ),
        ("huge", Arc::new(UInt64Array::from(vec![u64::MAX, 5, 0]))),
        (
            "single",
            Arc::new(Float32Array::from(vec![Some(0.5), Some(-2.0), None])),
        ),
        (
            "x",
            Arc::new(Float64Array::from(vec![Some(0.0), Some(f64::NAN), None])),
        ),
        ("whole", Arc::new(Int32Array::from(vec![1, 2, 3]))),
        (
            "word",
            Arc::new(StringArray::from(vec![Some("Ärger"), Some(" b "), None])),
        ),
        (
            "clock",
            Arc::new(StringArray::from(vec![Some("6:30pm"), Some("noon"), None])),
        ),
        (
            "flag",
            Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
        ),
        (
            "born",
            Arc::new(Date32Array::from(vec![Some(0), Some(19_782), None])),
        ),
        (
            "seen",
            Arc::new(TimestampSecondArray::from(vec![
                Some(0),
                Some(1_709_209_845),
                None,
            ])),
        ),
        (
            "abroad",
            Arc::new(
                TimestampMillisecondArray::from(vec![Some(0), Some(1_709_247_600_500), None])
                    .with_timezone("+02:00"),
            ),
        ),
        (
            "paris",
            Arc::new(
                TimestampSecondArray::from(vec![Some(0), Some(1), None])
                    .with_timezone("Europe/Paris"),
            ),
        ),
        (
            "raw",
            Arc::new(BinaryArray::from_opt_vec(vec![Some(b"a"), None, None])),
        ),
        ("wind speed", Arc::new(Int64Array::from(vec![1, 2, 3]))),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), array.null_count() > 0))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn shown(array: &ArrayRef, row: usize) -> String {
    if array.is_null(row) {
        return "null".into();
    }
    match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => format!("{:?}", array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Date32 => array
            .as_primitive::<Date32Type>()
            .value_as_date(row)
            .unwrap()
            .to_string(),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let time = array
                .as_primitive::<TimestampMicrosecondType>()
                .value_as_datetime(row);
            format!("{}{}", time.unwrap(), zone.as_deref().unwrap_or(""))
        }
        other => format!("{other}"),
    }
}

fn answers(source: &str) -> String {
    let table = table();
    let expression = Expression::parse(source).unwrap_or_else(|fault| panic!("{source}: {fault}"));
    let checked = expression
        .check(table.schema_ref())
        .unwrap_or_else(|fault| panic!("{source}: {fault}"));
    let array = checked.evaluate(&table).unwrap();
    assert_eq!(array.data_type(), &checked.data_type(), "{source}");
    assert_eq!(array.len(), 3, "{source}");
    assert!(checked.nullable() || array.null_count() == 0, "{source}");
    (0..3)
        .map(|row| shown(&array, row))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The stretch that is wrong, what is wrong, and the help.
fn fault(source: &str) -> (String, String, String) {
    let fault = match Expression::parse(source) {
        Err(fault) => fault,
        Ok(expression) => expression.check(table().schema_ref()).expect_err(source),
    };
    let span = fault.span;
    let text = source
        .chars()
        .skip(span.start)
        .take(span.end - span.start)
        .collect();
    (text, fault.message, fault.help.unwrap_or_default())
}

#[test]
fn every_operator_and_function_answers() {
    for (source, expected) in [
        ("1 + 2 * 3", "7 7 7"),
        ("(1 + 2) * 3", "9 9 9"),
        ("10 - 2 - 3", "5 5 5"),
        ("-whole + 5%", "-0.95 -1.95 -2.95"),
        ("small + 1", "-6 101 null"),
        ("big + 1", "null -9223372036854775807 null"),
        ("big - 1", "9223372036854775806 null null"),
        ("big * 2", "null null null"),
        ("-big", "-9223372036854775807 null null"),
        (
            "-9223372036854775808 + 0",
            "-9223372036854775808 -9223372036854775808 -9223372036854775808",
        ),
        ("huge + 0", "null 5 0"),
        ("7 / 2", "3.5 3.5 3.5"),
        ("whole / (whole - 2)", "-1.0 null 3.0"),
        ("1 / x", "null NaN null"),
        ("single * 2", "1.0 -4.0 null"),
        ("`wind speed` + 1", "2 3 4"),
        ("x = 0 or x <> 0", "true true null"),
        ("x == x", "true false null"),
        ("not x > 0", "true true null"),
        ("-x == 0", "true false null"),
        ("whole > 1.5", "false true true"),
        ("word < 'z'", "false true null"),
        ("flag == true", "true false null"),
        ("flag and null", "null false null"),
        ("flag OR null", "true null null"),
        ("not flag", "false true null"),
        ("whole in [1, 3]", "true false true"),
        ("whole not in [1, 2.0]", "false false true"),
        (
            "born in [date('2024-02-29'), timestamp('1970-01-01')]",
            "true true null",
        ),
        (
            "9007199254740993 in [9007199254740992, 0.5]",
            "false false false",
        ),
        ("whole in [1, null]", "true null null"),
        ("word in ['Ärger', 'x']", "true false null"),
        ("small is null", "false false true"),
        ("raw is not null", "true false false"),
        ("null is null", "true true true"),
        ("1 + 1 is null", "false false false"),
        ("seen < date('2000-01-01')", "true false null"),
        ("seen == born", "true false null"),
        ("abroad < timestamp('2024-02-29T23:00Z')", "true false null"),
        ("abroad >= date('1970-01-01')", "true true null"),
        ("paris > abroad", "false false null"),
        ("seen >= timestamp('2024-02-29 12:30')", "false true null"),
        ("born + 1", "1970-01-02 2024-03-01 null"),
        ("2 + born - 1", "1970-01-02 2024-03-01 null"),
        ("born - date('1970-01-01')", "0 19782 null"),
        (
            "timestamp('1970-01-01T00:00:01.5') - seen",
            "1.5 -1709209843.5 null",
        ),
        ("abs(small)", "7 100 null"),
        ("abs(big)", "9223372036854775807 null null"),
        ("abs(single)", "0.5 2.0 null"),
        ("floor(single - 0.1)", "0.0 -3.0 null"),
        ("ceil(single)", "1.0 -2.0 null"),
        ("floor(small)", "-7 100 null"),
        ("round(single)", "1.0 -2.0 null"),
        ("round(-0.5)", "-1.0 -1.0 -1.0"),
        ("round(single / 3, 3)", "0.167 -0.667 null"),
        ("sqrt(small)", "null 10.0 null"),
        ("ln(x)", "null NaN null"),
        ("exp(0)", "1.0 1.0 1.0"),
        ("log10(whole * 50) < 2", "true false false"),
        ("pow(whole, 2)", "1.0 4.0 9.0"),
        ("pow(single, 0.5) > 0", "true null null"),
        ("pow(x, -1)", "null NaN null"),
        ("mod(small, 24)", "17 4 null"),
        ("mod(small, 0)", "null null null"),
        ("mod(big, -1)", "0 0 null"),
        ("mod(whole, -2)", "-1 0 -1"),
        ("mod(single, 0.4) > 0", "true true null"),
        ("least(whole, 2)", "1 2 2"),
        ("greatest(x, 1, single)", "1.0 NaN null"),
        ("least(word, 'b')", "b  b  null"),
        (
            "greatest(born, date('2000-01-01'))",
            "2000-01-01 2024-02-29 null",
        ),
        ("is_nan(x)", "false true null"),
        ("lower(word)", "ärger  b  null"),
        ("upper(trim(word))", "ÄRGER B null"),
        ("length(word)", "5 3 null"),
        ("contains(word, 'rg')", "true false null"),
        ("starts_with(word, ' ')", "false true null"),
        ("ends_with(word, 'r')", "true false null"),
        ("replace(word, 'r', 'll')", "Ällgell  b  null"),
        ("replace(word, '', 'x')", "Ärger  b  null"),
        ("substring(word, 2, 3)", "rge b  null"),
        ("substring(word, 0, 2)", "Ä   null"),
        ("substring(word, -9, 2)", "  null"),
        ("concat(word, '-', text(whole))", "Ärger-1  b -2 null"),
        ("coalesce(word, clock, '?')", "Ärger  b  ?"),
        ("coalesce(small, 0.5)", "-7.0 100.0 0.5"),
        ("if(flag, 'yes', 'no')", "yes no no"),
        ("if(flag, small, null)", "-7 null null"),
        ("if(true, whole, 0)", "1 2 3"),
        ("hour(seen)", "0 12 null"),
        ("hour(abroad)", "2 1 null"),
        ("day(abroad)", "1 1 null"),
        ("minute(seen)", "0 30 null"),
        ("second(seen)", "0 45 null"),
        ("day(born)", "1 29 null"),
        ("month(seen)", "1 2 null"),
        ("year(born)", "1970 2024 null"),
        ("weekday(born)", "4 4 null"),
        ("week(born)", "1 9 null"),
        ("day_of_year(born)", "1 60 null"),
        ("date(seen)", "1970-01-01 2024-02-29 null"),
        ("date(abroad)", "1970-01-01 2024-03-01 null"),
        (
            "date('29.02.2024', '%d.%m.%Y')",
            "2024-02-29 2024-02-29 2024-02-29",
        ),
        ("date(word)", "null null null"),
        (
            "timestamp(born)",
            "1970-01-01 00:00:00 2024-02-29 00:00:00 null",
        ),
        (
            "timestamp('2024-02-29T12:30+02:00')",
            "2024-02-29 10:30:00UTC 2024-02-29 10:30:00UTC 2024-02-29 10:30:00UTC",
        ),
        (
            "timestamp('1/2/70 5', '%d/%m/%y %H')",
            "1970-02-01 05:00:00 1970-02-01 05:00:00 1970-02-01 05:00:00",
        ),
        ("hour_of(clock)", "18 null null"),
        ("minute_of(clock)", "30 null null"),
        ("number(concat('', ' 1e3 '))", "1000.0 1000.0 1000.0"),
        ("number(clock)", "null null null"),
        ("number(flag) + whole", "2.0 2.0 null"),
        ("integer(single * 3)", "1 -6 null"),
        ("integer(x)", "0 null null"),
        ("integer('42')", "42 42 42"),
        (
            "integer(1e18 * whole)",
            "1000000000000000000 2000000000000000000 3000000000000000000",
        ),
        ("integer(1e19 * whole)", "null null null"),
        ("integer(flag)", "1 0 null"),
        ("text(single)", "0.5 -2.0 null"),
        ("text(born)", "1970-01-01 2024-02-29 null"),
        (
            "text(abroad)",
            "1970-01-01T02:00:00+02:00 2024-03-01T01:00:00.5+02:00 null",
        ),
        ("text(flag)", "true false null"),
        ("number(null)", "null null null"),
        ("'it''s'", "it's it's it's"),
    ] {
        assert_eq!(answers(source), expected, "{source}");
    }
}

#[test]
fn every_function_is_tested_above() {
    let tests = include_str!("language.rs");
    for function in functions() {
        assert!(
            tests.contains(&format!("{}(", function.name)),
            "{}",
            function.name
        );
    }
}

#[test]
fn a_column_alone_stays_as_it_is() {
    let table = table();
    for field in table.schema().fields() {
        let source = format!("`{}`", field.name());
        let checked = Expression::parse(&source)
            .unwrap()
            .check(table.schema_ref())
            .unwrap();
        assert_eq!(&checked.data_type(), field.data_type());
        let column = checked.evaluate(&table).unwrap();
        assert_eq!(&column, table.column_by_name(field.name()).unwrap());
    }
}

#[test]
fn types_and_nulls_are_known_before() {
    let schema = table().schema();
    let of = |source: &str| {
        let checked = Expression::parse(source).unwrap().check(&schema).unwrap();
        (checked.data_type(), checked.nullable())
    };
    assert_eq!(of("whole / 2"), (DataType::Float64, false));
    assert_eq!(of("whole / whole"), (DataType::Float64, true));
    assert_eq!(of("whole + 1"), (DataType::Int64, true));
    assert_eq!(of("whole + 0.5"), (DataType::Float64, false));
    assert_eq!(of("huge > 1"), (DataType::Boolean, true));
    assert_eq!(of("coalesce(small, 1)"), (DataType::Int64, false));
    assert_eq!(
        of("whole > 1 and small is null"),
        (DataType::Boolean, false)
    );
    assert_eq!(of("if(flag, 1, 2)"), (DataType::Int64, false));
    assert_eq!(
        of("timestamp(born)"),
        (DataType::Timestamp(TimeUnit::Microsecond, None), true)
    );
}

#[test]
fn faults_name_the_place_and_what_to_do() {
    for (source, text, message, help) in [
        ("", "", "an expression is missing", ""),
        ("whole +", "", "the text ends where a value should be", ""),
        (
            "whole whole",
            "whole",
            "there is the name \"whole\" where the end, or an operator",
            "backticks",
        ),
        (
            "whole > 1 adn flag",
            "adn",
            "where the end",
            "did you mean \"and\"?",
        ),
        ("(whole", "(", "not closed", ")"),
        ("abs(whole", "(", "not closed", ")"),
        (
            "abs(whole whole)",
            "whole",
            "where \",\" or \")\" should be",
            "",
        ),
        ("'abc", "'abc", "does not end", "close it with '"),
        ("``", "``", "cannot be empty", ""),
        ("whole && flag", "&&", "there is no \"&&\"", "write and"),
        ("whole ** 2", "**", "there is no", "pow(a, b)"),
        ("whole % 2", "%", "there is no", "mod(a, b)"),
        ("whole # 2", "#", "means nothing", ""),
        ("!flag", "!", "there is no", "write not"),
        ("1 < whole < 5", "<", "cannot be chained", "1 < x and x < 5"),
        ("1 < abs(whole) < 5", "<", "cannot be chained", ""),
        ("+1", "+", "needs no sign", "leave it out"),
        ("1 + not flag", "not", "binds more loosely", "parentheses"),
        (
            "9223372036854775808",
            "9223372036854775808",
            "too large",
            "decimal point",
        ),
        (
            "99999999999999999999",
            "99999999999999999999",
            "too large",
            "decimal point",
        ),
        ("1e999", "1e999", "too large", ""),
        ("2nd > 1", "2nd", "neither a number nor a name", "backticks"),
        ("whole is 1", "1", "where \"null\" after \"is\"", "=="),
        (
            "whole in (1)",
            "(",
            "where \"[\" after \"in\"",
            "x in [1, 2]",
        ),
        ("whole in []", "]", "the list is empty", ""),
        ("whole not 5", "5", "\"in\" after \"not\"", ""),
        (
            "whol > 1",
            "whol",
            "there is no column \"whol\"",
            "did you mean \"whole\"?",
        ),
        (
            "word == winter",
            "winter",
            "there is no column",
            "a text stands in quotes",
        ),
        (
            "hour_off(clock)",
            "hour_off",
            "there is no function",
            "did you mean \"hour_of\"?",
        ),
        (
            "max(whole, 1)",
            "max",
            "there is no function",
            "did you mean \"greatest\"?",
        ),
        ("abs()", "abs()", "abs is called as abs(x)", "0 arguments"),
        (
            "if(flag, 1)",
            "if(flag, 1)",
            "if(condition, a, b)",
            "2 arguments are given",
        ),
        (
            "word + 1",
            "word + 1",
            "text + int64 has no meaning",
            "number(text)",
        ),
        (
            "word + word",
            "word + word",
            "has no meaning",
            "concat(a, b)",
        ),
        (
            "flag * 2",
            "flag * 2",
            "has no meaning",
            "integer(condition)",
        ),
        (
            "word == 1",
            "word == 1",
            "text and int64 cannot be compared",
            "number(text)",
        ),
        (
            "born == '2024-02-29'",
            "born == '2024-02-29'",
            "cannot be compared",
            "date('2024-02-29')",
        ),
        (
            "seen > 'x'",
            "seen > 'x'",
            "cannot be compared",
            "timestamp(",
        ),
        (
            "abroad > seen",
            "abroad > seen",
            "cannot be compared",
            "zone",
        ),
        (
            "raw == raw",
            "raw == raw",
            "bytes and bytes cannot",
            "is null",
        ),
        (
            "word in ['a', 1]",
            "1",
            "text and int64 cannot be compared",
            "",
        ),
        (
            "whole and flag",
            "whole",
            "\"and\" wants true or false; this is int64",
            "x != 0",
        ),
        (
            "not word",
            "word",
            "\"not\" wants true or false",
            "x == 'yes'",
        ),
        (
            "-word",
            "word",
            "\"-\" wants a number; this is text",
            "number(text)",
        ),
        (
            "sqrt(flag)",
            "flag",
            "sqrt wants a number; this is bool",
            "integer",
        ),
        ("round(x, whole)", "whole", "digits are a whole number", ""),
        ("round(x, 16)", "16", "from 0 to 15", ""),
        (
            "lower(whole)",
            "whole",
            "lower wants a text here; this is int64",
            "text(x)",
        ),
        (
            "substring(word, 'a')",
            "'a'",
            "substring wants a whole number here",
            "",
        ),
        (
            "coalesce(word, 1)",
            "1",
            "coalesce wants values of one type; this is int64",
            "",
        ),
        (
            "if(word, 1, 2)",
            "word",
            "if wants true or false; this is text",
            "",
        ),
        (
            "least(flag)",
            "least(flag)",
            "numbers, texts, dates or times",
            "",
        ),
        (
            "hour(clock)",
            "clock",
            "hour wants a time; this is text",
            "hour_of(text)",
        ),
        ("hour(born)", "born", "hour wants a time; this is date", ""),
        (
            "month(word)",
            "word",
            "month wants a date or a time",
            "date(text)",
        ),
        (
            "hour(paris)",
            "paris",
            "zone \"Europe/Paris\" is not known",
            "offsets",
        ),
        (
            "paris > born",
            "born",
            "zone \"Europe/Paris\" is not known",
            "",
        ),
        (
            "date('2024-02-30')",
            "'2024-02-30'",
            "is no date",
            "2024-02-29",
        ),
        (
            "timestamp('soon')",
            "'soon'",
            "is no timestamp",
            "2024-02-29T12:30",
        ),
        (
            "date(word, word)",
            "word",
            "a format is a text in quotes",
            "",
        ),
        ("date(word, '%Q')", "'%Q'", "is not a format", "strftime"),
        ("date(born, '%d')", "'%d'", "a format is for texts", ""),
        (
            "date(whole)",
            "whole",
            "date wants a text, a date or a time; this is int64",
            "+ days",
        ),
        (
            "integer(seen)",
            "seen",
            "integer cannot take timestamp[s]",
            "",
        ),
        ("1 / 0", "1 / 0", "always null", "divides by zero"),
        ("whole + sqrt(-1)", "sqrt(-1)", "always null", ""),
        (
            "9223372036854775807 + 1",
            "9223372036854775807 + 1",
            "always null",
            "too large",
        ),
        ("null", "null", "type of this null", ""),
        (
            "if(flag, null, null)",
            "if(flag, null, null)",
            "not known",
            "",
        ),
    ] {
        let found = fault(source);
        assert_eq!(found.0, text, "{source}: {found:?}");
        assert!(found.1.contains(message), "{source}: {found:?}");
        assert!(found.2.contains(help), "{source}: {found:?}");
    }
}

#[test]
fn conditions_are_true_or_false() {
    let table = table();
    let condition = |source: &str| {
        Expression::parse(source)
            .unwrap()
            .check_condition(table.schema_ref())
    };
    let fault = condition("whole").unwrap_err();
    assert_eq!(
        fault.to_string(),
        "character 1: a condition is true or false; this is int64"
    );
    let holds = condition("flag or x = 0").unwrap().holds(&table).unwrap();
    assert_eq!(holds.iter().collect::<Vec<_>>(), [true, false, false]);
    let never = condition("null").unwrap().holds(&table).unwrap();
    assert_eq!(never.count_set_bits(), 0);
}

#[test]
fn nesting_is_bounded_and_chains_are_too() {
    let long = |count| vec!["1"; count].join(" + ");
    assert!(Expression::parse(&long(128)).is_ok());
    assert!(
        Expression::parse(&long(129))
            .unwrap_err()
            .message
            .contains("128 levels")
    );
    let deep = |count| format!("{}1{}", "(".repeat(count), ")".repeat(count));
    assert!(Expression::parse(&deep(200)).is_ok());
    assert!(Expression::parse(&deep(50_000 / 2)).is_err());
    assert!(Expression::parse(&"-".repeat(60_000)).is_err());
    assert!(
        Expression::parse(&" ".repeat(70_000))
            .unwrap_err()
            .message
            .contains("65536")
    );
}

#[test]
fn the_tree_can_be_rewritten() {
    let mut root = Expression::parse("r2('winter') >= 80% and rmse < 50")
        .unwrap()
        .into_root();
    let rewritten: Result<(), ()> = root.rewrite(&mut |expr| {
        if let Kind::Call {
            name, arguments, ..
        } = &expr.kind
            && let [argument] = arguments.as_slice()
            && let Kind::Literal(Literal::Text(slice)) = &argument.kind
        {
            expr.kind = Kind::Column(format!("{name}[{slice}]"));
        }
        Ok(())
    });
    rewritten.unwrap();
    let gate = Expression::from_ast(root);
    assert_eq!(gate.source(), "`r2[winter]` >= 0.8 and rmse < 50");
    assert_eq!(gate.columns(), ["r2[winter]", "rmse"]);
    // Spans still point into the text that was read.
    let fault = gate.check(&Schema::empty()).unwrap_err();
    assert_eq!(fault.span.start, 0);
}

#[test]
fn another_batch_is_refused() {
    let table = table();
    let checked = Expression::parse("whole + small")
        .unwrap()
        .check(table.schema_ref())
        .unwrap();
    let narrow = table.project(&[5]).unwrap();
    assert_eq!(
        checked.evaluate(&narrow),
        Err(EvaluateError::NoColumn("small".into()))
    );
    let other = RecordBatch::try_from_iter([
        ("small", Arc::new(StringArray::from(vec!["a"])) as ArrayRef),
        ("whole", Arc::new(Int32Array::from(vec![1])) as ArrayRef),
    ]);
    let refused = checked.evaluate(&other.unwrap()).unwrap_err();
    assert!(
        refused.to_string().contains("\"small\" is Utf8"),
        "{refused}"
    );
    let reordered = table.project(&[0, 5]).unwrap();
    assert_eq!(
        &checked.evaluate(&reordered).unwrap(),
        &checked.evaluate(&table).unwrap()
    );
    assert_eq!(checked.evaluate(&table.slice(0, 0)).unwrap().len(), 0);
}
