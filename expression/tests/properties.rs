//! Trees against their text, columns against a plain calculator for single rows, batches against other batches.
#![allow(clippy::unwrap_used, missing_docs)]
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int8Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{DataType, Field, Schema};
use lockflight_expression::{BinaryOp, Expr, Expression, Kind, Literal, Span, UnaryOp};
use proptest::prelude::*;

#[derive(Clone, Debug, PartialEq)]
enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

type Row = (
    Option<i64>,
    Option<i8>,
    Option<f64>,
    Option<String>,
    Option<bool>,
);

/// The plainest way to compute what the README says.
fn calculate(expr: &Expr, row: &Row) -> Scalar {
    let of = |part: &Expr| calculate(part, row);
    match &expr.kind {
        Kind::Literal(literal) => match literal {
            Literal::Null => Scalar::Null,
            Literal::Bool(value) => Scalar::Bool(*value),
            Literal::Int(value) => Scalar::Int(*value),
            Literal::Float(value) => Scalar::Float(*value),
            Literal::Text(text) => Scalar::Text(text.clone()),
        },
        Kind::Column(name) => match name.as_str() {
            "i" => row.0.map_or(Scalar::Null, Scalar::Int),
            "s" => row
                .1
                .map_or(Scalar::Null, |value| Scalar::Int(value.into())),
            "f" => row.2.map_or(Scalar::Null, Scalar::Float),
            "t" => row.3.clone().map_or(Scalar::Null, Scalar::Text),
            _ => row.4.map_or(Scalar::Null, Scalar::Bool),
        },
        Kind::Unary { op, operand } => match (op, of(operand)) {
            (UnaryOp::Not, Scalar::Bool(value)) => Scalar::Bool(!value),
            (UnaryOp::Negate, Scalar::Int(value)) => {
                value.checked_neg().map_or(Scalar::Null, Scalar::Int)
            }
            (UnaryOp::Negate, Scalar::Float(value)) => Scalar::Float(-value),
            _ => Scalar::Null,
        },
        Kind::Binary { op, left, right } => binary(*op, of(left), of(right)),
        Kind::In {
            value,
            list,
            negated,
        } => {
            let value = of(value);
            let found = list
                .iter()
                .map(|item| binary(BinaryOp::Equal, value.clone(), of(item)));
            let found = found.reduce(|a, b| binary(BinaryOp::Or, a, b)).unwrap();
            match found {
                Scalar::Bool(found) => Scalar::Bool(found != *negated),
                other => other,
            }
        }
        Kind::IsNull { value, negated } => Scalar::Bool((of(value) == Scalar::Null) != *negated),
        Kind::Call {
            name, arguments, ..
        } => call(name, arguments.iter().map(of).collect()),
    }
}

fn binary(op: BinaryOp, left: Scalar, right: Scalar) -> Scalar {
    use Scalar::{Bool, Float, Int, Null, Text};
    match (op, &left, &right) {
        (BinaryOp::And, Bool(false), _) | (BinaryOp::And, _, Bool(false)) => return Bool(false),
        (BinaryOp::Or, Bool(true), _) | (BinaryOp::Or, _, Bool(true)) => return Bool(true),
        (_, Null, _) | (_, _, Null) => return Null,
        (BinaryOp::And, ..) => return Bool(true),
        (BinaryOp::Or, ..) => return Bool(false),
        _ => {}
    }
    let float = |value: &Scalar| match value {
        Int(value) => *value as f64,
        Float(value) => *value,
        other => panic!("{other:?}"),
    };
    let order = match (&left, &right) {
        (Bool(a), Bool(b)) => a.partial_cmp(b),
        (Text(a), Text(b)) => a.partial_cmp(b),
        (Int(a), Int(b)) => a.partial_cmp(b),
        (a, b) => float(a).partial_cmp(&float(b)),
    };
    let ints = match (&left, &right) {
        (Int(a), Int(b)) => Some((*a, *b)),
        _ => None,
    };
    let arithmetic = |exact: fn(i64, i64) -> Option<i64>, rounded: fn(f64, f64) -> f64| match ints {
        Some((a, b)) => exact(a, b).map_or(Null, Int),
        None => Float(rounded(float(&left), float(&right))),
    };
    match op {
        BinaryOp::Equal => Bool(order.is_some_and(|order| order.is_eq())),
        BinaryOp::NotEqual => Bool(order.is_none_or(|order| order.is_ne())),
        BinaryOp::Less => Bool(order.is_some_and(|order| order.is_lt())),
        BinaryOp::LessOrEqual => Bool(order.is_some_and(|order| order.is_le())),
        BinaryOp::Greater => Bool(order.is_some_and(|order| order.is_gt())),
        BinaryOp::GreaterOrEqual => Bool(order.is_some_and(|order| order.is_ge())),
        BinaryOp::Add => arithmetic(i64::checked_add, |a, b| a + b),
        BinaryOp::Subtract => arithmetic(i64::checked_sub, |a, b| a - b),
        BinaryOp::Multiply => arithmetic(i64::checked_mul, |a, b| a * b),
        _ if float(&right) == 0.0 => Null,
        _ => Float(float(&left) / float(&right)),
    }
}

fn call(name: &str, mut values: Vec<Scalar>) -> Scalar {
    use Scalar::{Bool, Float, Int, Null, Text};
    match name {
        "if" => {
            let chosen = if values[0] == Bool(true) { 1 } else { 2 };
            return values.swap_remove(chosen);
        }
        "coalesce" => {
            let found = values.into_iter().find(|value| *value != Null);
            return found.unwrap_or(Null);
        }
        _ if values.contains(&Null) => return Null,
        _ => {}
    }
    match (name, values.as_slice()) {
        ("abs", [Int(value)]) => value.checked_abs().map_or(Null, Int),
        ("abs", [Float(value)]) => Float(value.abs()),
        ("floor", [Float(value)]) => Float(value.floor()),
        ("sqrt", [Float(value)]) if *value < 0.0 => Null,
        ("sqrt", [Float(value)]) => Float(value.sqrt()),
        ("mod", [Int(_), Int(0)]) => Null,
        // In 128 bits nothing overflows.
        ("mod", [Int(a), Int(b)]) => {
            let (a, b) = (i128::from(*a), i128::from(*b));
            Int((((a % b) + b) % b) as i64)
        }
        ("least", [Int(a), Int(b)]) => Int(*a.min(b)),
        ("greatest", [Float(a), Float(b)]) if a.is_nan() || b.is_nan() => Float(f64::NAN),
        ("greatest", [Float(a), Float(b)]) => Float(if b > a { *b } else { *a }),
        ("is_nan", [Float(value)]) => Bool(value.is_nan()),
        ("integer", [Float(value)]) => {
            let whole = value.trunc();
            let fits = (-(2_f64.powi(63))..2_f64.powi(63)).contains(&whole);
            if fits { Int(whole as i64) } else { Null }
        }
        ("integer", [Bool(value)]) => Int((*value).into()),
        ("number", [Int(value)]) => Float(*value as f64),
        ("length", [Text(text)]) => Int(text.chars().count() as i64),
        ("upper", [Text(text)]) => Text(text.to_uppercase()),
        ("contains", [Text(text), Text(part)]) => Bool(text.contains(part.as_str())),
        ("concat", [Text(a), Text(b)]) => Text(format!("{a}{b}")),
        ("least", [Text(a), Text(b)]) => Text(a.min(b).clone()),
        ("text", [Int(value)]) => Text(value.to_string()),
        (name, values) => panic!("{name} of {values:?}"),
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let ints =
        prop_oneof![3 => -5_i64..6, 1 => any::<i64>(), 1 => Just(i64::MIN), 1 => Just(i64::MAX)];
    let floats = prop_oneof![
        3 => (-20_i32..20).prop_map(|value| f64::from(value) / 4.0),
        1 => any::<f64>(),
        1 => Just(f64::NAN),
        1 => Just(-0.0),
        1 => Just(f64::INFINITY)
    ];
    let row = (
        prop::option::of(ints),
        prop::option::of(any::<i8>()),
        prop::option::of(floats),
        prop::option::of("[aäß ]{0,3}"),
        any::<Option<bool>>(),
    );
    prop::collection::vec(row, 0..40)
}

fn table(rows: &[Row]) -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "i",
            Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
        ),
        (
            "s",
            Arc::new(rows.iter().map(|row| row.1).collect::<Int8Array>()),
        ),
        (
            "f",
            Arc::new(rows.iter().map(|row| row.2).collect::<Float64Array>()),
        ),
        (
            "t",
            Arc::new(
                rows.iter()
                    .map(|row| row.3.as_deref())
                    .collect::<StringArray>(),
            ),
        ),
        (
            "b",
            Arc::new(rows.iter().map(|row| row.4).collect::<BooleanArray>()),
        ),
    ];
    let fields = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(schema), arrays).unwrap()
}

/// Texts of expressions of each type, of types that fit.
#[derive(Clone)]
struct Typed {
    int: BoxedStrategy<String>,
    float: BoxedStrategy<String>,
    text: BoxedStrategy<String>,
    bool: BoxedStrategy<String>,
}

fn typed(depth: usize) -> Typed {
    if depth == 0 {
        return Typed {
            int: prop_oneof![
                Just("i".to_owned()),
                Just("s".to_owned()),
                (-9_i64..9).prop_map(|n| n.to_string())
            ]
            .boxed(),
            float: prop_oneof![
                Just("f".to_owned()),
                Just("0.25".to_owned()),
                Just("5%".to_owned())
            ]
            .boxed(),
            text: prop_oneof![Just("t".to_owned()), Just("'ä'".to_owned())].boxed(),
            bool: prop_oneof![
                Just("b".to_owned()),
                Just("true".to_owned()),
                Just("NULL".to_owned())
            ]
            .boxed(),
        };
    }
    let Typed {
        int,
        float,
        text,
        bool,
    } = typed(depth - 1);
    let one = |name: &'static str, of: &BoxedStrategy<String>| {
        of.clone().prop_map(move |x| format!("{name}({x})")).boxed()
    };
    let two = |name: &'static str, a: &BoxedStrategy<String>, b: &BoxedStrategy<String>| {
        (a.clone(), b.clone())
            .prop_map(move |(a, b)| format!("{name}({a}, {b})"))
            .boxed()
    };
    let between =
        |signs: &'static [&'static str], a: &BoxedStrategy<String>, b: &BoxedStrategy<String>| {
            let sign = prop::sample::select(signs);
            (a.clone(), sign, b.clone())
                .prop_map(|(a, sign, b)| format!("({a}) {sign} ({b})"))
                .boxed()
        };
    let choice = |of: &BoxedStrategy<String>| {
        (bool.clone(), of.clone(), of.clone())
            .prop_map(|(c, a, b)| format!("if({c}, {a}, {b})"))
            .boxed()
    };
    let signs: &[&str] = &["=", "!=", "<", "<=", ">", ">="];
    let number = prop_oneof![int.clone(), float.clone()].boxed();
    let negated = prop::sample::select(&["in", "not in"]);
    Typed {
        int: prop_oneof![
            int.clone(),
            between(&["+", "-", "*"], &int, &int),
            int.clone().prop_map(|x| format!("-({x})")),
            one("abs", &int),
            two("mod", &int, &int),
            two("least", &int, &int),
            two("coalesce", &int, &int),
            one("integer", &float),
            one("integer", &bool),
            one("length", &text),
            choice(&int),
        ]
        .boxed(),
        float: prop_oneof![
            float.clone(),
            between(&["+", "-", "*", "/"], &float, &number),
            between(&["/"], &int, &int),
            float.clone().prop_map(|x| format!("-({x})")),
            one("abs", &float),
            one("floor", &float),
            one("sqrt", &float),
            one("number", &int),
            two("greatest", &float, &float),
            choice(&float),
        ]
        .boxed(),
        text: prop_oneof![
            text.clone(),
            one("upper", &text),
            one("text", &int),
            two("concat", &text, &text),
            two("least", &text, &text),
            two("coalesce", &text, &text),
            choice(&text),
        ]
        .boxed(),
        bool: prop_oneof![
            bool.clone(),
            between(&["and", "or"], &bool, &bool),
            bool.clone().prop_map(|x| format!("not ({x})")),
            between(signs, &number, &number),
            between(signs, &text, &text),
            (int.clone(), negated, int.clone(), number.clone())
                .prop_map(|(x, word, a, b)| format!("({x}) {word} [{a}, {b}]")),
            prop_oneof![number.clone(), text.clone(), bool.clone()]
                .prop_map(|x| format!("({x}) is not null")),
            one("is_nan", &float),
            two("contains", &text, &text),
        ]
        .boxed(),
    }
}

fn sources() -> impl Strategy<Value = String> {
    let Typed {
        int,
        float,
        text,
        bool,
    } = typed(3);
    prop_oneof![int, float, text, bool]
}

fn scalar(array: &ArrayRef, row: usize) -> Scalar {
    if array.is_null(row) {
        return Scalar::Null;
    }
    match array.data_type() {
        DataType::Boolean => Scalar::Bool(array.as_boolean().value(row)),
        DataType::Int8 => Scalar::Int(
            array
                .as_primitive::<arrow_array::types::Int8Type>()
                .value(row)
                .into(),
        ),
        DataType::Int64 => Scalar::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Scalar::Float(array.as_primitive::<Float64Type>().value(row)),
        _ => Scalar::Text(array.as_string::<i32>().value(row).to_owned()),
    }
}

/// The bits, so that NaN is equal to NaN and 0 differs from -0.
fn bits(scalar: Scalar) -> (Scalar, u64) {
    match scalar {
        Scalar::Float(value) if value.is_nan() => (Scalar::Null, f64::NAN.to_bits()),
        Scalar::Float(value) => (Scalar::Null, value.to_bits()),
        other => (other, 0),
    }
}

fn trees() -> impl Strategy<Value = Expr> {
    let span = Span::default();
    let literal = prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(Literal::Int),
        Just(Literal::Int(i64::MIN)),
        any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(Literal::Float),
        ".{0,5}".prop_map(Literal::Text),
    ];
    let name = prop_oneof![
        "[a-zé_][a-z0-9_]{0,4}",
        ".{1,5}",
        Just("and".to_owned()),
        Just("NULL".to_owned())
    ];
    let leaf = prop_oneof![literal.prop_map(Kind::Literal), name.prop_map(Kind::Column)];
    let leaf = leaf.prop_map(move |kind| Expr::new(kind, span));
    leaf.prop_recursive(6, 60, 4, move |below| {
        use BinaryOp::*;
        let op = prop::sample::select(&[
            Or,
            And,
            Equal,
            NotEqual,
            Less,
            LessOrEqual,
            Greater,
            GreaterOrEqual,
            Add,
            Subtract,
            Multiply,
            Divide,
        ]);
        let boxed = below.clone().prop_map(Box::new);
        let unary = prop::sample::select(&[UnaryOp::Negate, UnaryOp::Not]);
        prop_oneof![
            (unary, boxed.clone()).prop_map(|(op, operand)| Kind::Unary { op, operand }),
            (op, boxed.clone(), boxed.clone()).prop_map(|(op, left, right)| Kind::Binary {
                op,
                left,
                right
            }),
            (
                boxed.clone(),
                prop::collection::vec(below.clone(), 1..4),
                any::<bool>()
            )
                .prop_map(|(value, list, negated)| Kind::In {
                    value,
                    list,
                    negated
                }),
            (boxed, any::<bool>()).prop_map(|(value, negated)| Kind::IsNull { value, negated }),
            (
                "[a-z_][a-z0-9_]{0,4}"
                    .prop_filter("no keyword", |name| Expression::parse(&format!("{name}()"))
                        .is_ok()),
                prop::collection::vec(below, 0..4)
            )
                .prop_map(move |(name, arguments)| Kind::Call {
                    name,
                    name_span: span,
                    arguments
                }),
        ]
        .prop_map(move |kind| Expr::new(kind, span))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_again(tree in trees()) {
        let text = tree.to_string();
        let read = Expression::parse(&text);
        prop_assert!(read.is_ok(), "{}: {:?}", text, read);
        prop_assert_eq!(read.unwrap().into_root(), tree, "{}", text);
    }

    #[test]
    fn columns_are_what_a_calculator_computes_row_by_row(source in sources(), rows in rows()) {
        let all = table(&rows);
        let expression = Expression::parse(&source).unwrap();
        // Parts that are always null are refused, as they should be.
        if let Ok(checked) = expression.check(all.schema_ref()) {
            let column = checked.evaluate(&all).unwrap();
            prop_assert_eq!(column.len(), rows.len());
            prop_assert!(checked.nullable() || column.null_count() == 0);
            for (number, row) in rows.iter().enumerate() {
                let expected = calculate(expression.root(), row);
                prop_assert_eq!(bits(scalar(&column, number)), bits(expected), "{}: {:?}", &source, row);
            }
        }
    }

    #[test]
    fn batches_may_be_cut_and_ordered_in_any_way(
        source in sources(),
        rows in rows(),
        size in 1_usize..9,
        turn in 0_usize..40,
    ) {
        let all = table(&rows);
        if let Ok(checked) = Expression::parse(&source).unwrap().check(all.schema_ref()) {
            let of = |batch: &RecordBatch| -> Vec<_> {
                let column = checked.evaluate(batch).unwrap();
                (0..column.len()).map(|row| bits(scalar(&column, row))).collect()
            };
            let whole = of(&all);
            let starts = (0..rows.len()).step_by(size);
            let cut: Vec<_> = starts.flat_map(|start| of(&all.slice(start, size.min(rows.len() - start)))).collect();
            prop_assert_eq!(&cut, &whole);
            let mut turned = rows.clone();
            let turn = turn.min(rows.len());
            turned.rotate_left(turn);
            let mut expected = whole;
            expected.rotate_left(turn);
            prop_assert_eq!(of(&table(&turned)), expected);
        }
    }
}
