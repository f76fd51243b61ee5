//! The functions and how they are called.

/// A function of the language.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Function {
    Abs,
    Ceil,
    Coalesce,
    Concat,
    Contains,
    Date,
    Day,
    DayOfYear,
    EndsWith,
    Exp,
    Floor,
    Greatest,
    Hour,
    HourOf,
    If,
    Integer,
    IsNan,
    Least,
    Length,
    Ln,
    Log10,
    Lower,
    Minute,
    MinuteOf,
    Mod,
    Month,
    Number,
    Pow,
    Replace,
    Round,
    Second,
    Sqrt,
    StartsWith,
    Substring,
    Text,
    Timestamp,
    Trim,
    Upper,
    Week,
    Weekday,
    Year,
}

/// What a function is called, and how.
#[derive(Clone, Copy, Debug)]
pub struct FunctionDoc {
    /// Its name.
    pub name: &'static str,
    /// How it is called, e.g. `round(x[, digits])`.
    pub usage: &'static str,
    pub(crate) function: Function,
    /// The fewest and most arguments.
    pub(crate) arity: (usize, usize),
}

const MANY: usize = usize::MAX;

const FUNCTIONS: &[FunctionDoc] = &[
    doc(Function::Abs, "abs", "abs(x)", 1, 1),
    doc(Function::Ceil, "ceil", "ceil(x)", 1, 1),
    doc(Function::Coalesce, "coalesce", "coalesce(a, b, …)", 1, MANY),
    doc(Function::Concat, "concat", "concat(text, …)", 1, MANY),
    doc(Function::Contains, "contains", "contains(text, part)", 2, 2),
    doc(Function::Date, "date", "date(x[, format])", 1, 2),
    doc(Function::Day, "day", "day(time)", 1, 1),
    doc(
        Function::DayOfYear,
        "day_of_year",
        "day_of_year(time)",
        1,
        1,
    ),
    doc(
        Function::EndsWith,
        "ends_with",
        "ends_with(text, part)",
        2,
        2,
    ),
    doc(Function::Exp, "exp", "exp(x)", 1, 1),
    doc(Function::Floor, "floor", "floor(x)", 1, 1),
    doc(Function::Greatest, "greatest", "greatest(a, b, …)", 1, MANY),
    doc(Function::Hour, "hour", "hour(time)", 1, 1),
    doc(Function::HourOf, "hour_of", "hour_of(text)", 1, 1),
    doc(Function::If, "if", "if(condition, a, b)", 3, 3),
    doc(Function::Integer, "integer", "integer(x)", 1, 1),
    doc(Function::IsNan, "is_nan", "is_nan(x)", 1, 1),
    doc(Function::Least, "least", "least(a, b, …)", 1, MANY),
    doc(Function::Length, "length", "length(text)", 1, 1),
    doc(Function::Ln, "ln", "ln(x)", 1, 1),
    doc(Function::Log10, "log10", "log10(x)", 1, 1),
    doc(Function::Lower, "lower", "lower(text)", 1, 1),
    doc(Function::Minute, "minute", "minute(time)", 1, 1),
    doc(Function::MinuteOf, "minute_of", "minute_of(text)", 1, 1),
    doc(Function::Mod, "mod", "mod(a, b)", 2, 2),
    doc(Function::Month, "month", "month(time)", 1, 1),
    doc(Function::Number, "number", "number(x)", 1, 1),
    doc(Function::Pow, "pow", "pow(a, b)", 2, 2),
    doc(
        Function::Replace,
        "replace",
        "replace(text, part, by)",
        3,
        3,
    ),
    doc(Function::Round, "round", "round(x[, digits])", 1, 2),
    doc(Function::Second, "second", "second(time)", 1, 1),
    doc(Function::Sqrt, "sqrt", "sqrt(x)", 1, 1),
    doc(
        Function::StartsWith,
        "starts_with",
        "starts_with(text, part)",
        2,
        2,
    ),
    doc(
        Function::Substring,
        "substring",
        "substring(text, start[, length])",
        2,
        3,
    ),
    doc(Function::Text, "text", "text(x)", 1, 1),
    doc(
        Function::Timestamp,
        "timestamp",
        "timestamp(x[, format])",
        1,
        2,
    ),
    doc(Function::Trim, "trim", "trim(text)", 1, 1),
    doc(Function::Upper, "upper", "upper(text)", 1, 1),
    doc(Function::Week, "week", "week(time)", 1, 1),
    doc(Function::Weekday, "weekday", "weekday(time)", 1, 1),
    doc(Function::Year, "year", "year(time)", 1, 1),
];

const fn doc(
    function: Function,
    name: &'static str,
    usage: &'static str,
    least: usize,
    most: usize,
) -> FunctionDoc {
    FunctionDoc {
        name,
        usage,
        function,
        arity: (least, most),
    }
}

/// All functions, sorted by name.
pub fn functions() -> &'static [FunctionDoc] {
    FUNCTIONS
}

/// The function of this name.
pub fn find(name: &str) -> Option<&'static FunctionDoc> {
    FUNCTIONS.iter().find(|doc| doc.name == name)
}

/// What other languages call them, for suggestions.
pub fn synonym(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "min" => "least",
        "max" => "greatest",
        "len" | "char_length" | "size" => "length",
        "ifnull" | "nvl" | "fillna" | "isnull" => "coalesce",
        "substr" | "mid" => "substring",
        "int" | "cast" | "to_int" => "integer",
        "float" | "to_number" | "double" => "number",
        "str" | "string" | "to_string" => "text",
        "log" => "ln",
        "power" => "pow",
        "strip" => "trim",
        "isnan" => "is_nan",
        "ceiling" => "ceil",
        "dayofyear" | "doy" => "day_of_year",
        "dow" | "dayofweek" | "day_of_week" => "weekday",
        "to_date" | "strptime" => "date",
        "to_timestamp" | "datetime" => "timestamp",
        "iif" | "iff" | "case" | "where" => "if",
        "startswith" | "prefix" => "starts_with",
        "endswith" => "ends_with",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_sorted_and_documented() {
        assert!(FUNCTIONS.is_sorted_by_key(|doc| doc.name));
        let readme = include_str!("../README.md");
        for doc in FUNCTIONS {
            assert!(
                readme.contains(&format!("| `{}` |", doc.usage)),
                "the README lacks {}",
                doc.usage
            );
        }
    }
}
