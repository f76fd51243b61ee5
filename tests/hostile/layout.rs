//! Schemas and batches as they lie in a guest's memory (the component model's canonical ABI), whether they make sense or not.

/// Where the structures begin in the guest's memory: what `prelude.wat` leaves free.
const BASE: u32 = 4096;

/// A field of a schema.
pub struct Field {
    pub name: &'static str,
    pub format: &'static str,
    pub nullable: bool,
    pub children: u32,
    pub metadata: &'static [(&'static str, &'static str)],
}

/// A column that may hold nulls, of any format.
pub const fn field(name: &'static str, format: &'static str) -> Field {
    Field {
        name,
        format,
        nullable: true,
        children: 0,
        metadata: &[],
    }
}

/// A column of a batch.
#[derive(Default)]
pub struct Column {
    pub length: u32,
    pub validity: Option<Vec<u8>>,
    pub offsets: Option<Vec<u8>>,
    pub values: Vec<u8>,
}

/// A column without nulls and offsets.
pub fn values(length: u32, values: &[u8]) -> Column {
    Column {
        length,
        values: values.to_vec(),
        ..Column::default()
    }
}

/// A column of texts or bytes.
pub fn cut(length: u32, offsets: &[i32], values: &[u8]) -> Column {
    let offsets = offsets.iter().flat_map(|at| at.to_le_bytes()).collect();
    Column {
        length,
        offsets: Some(offsets),
        values: values.to_vec(),
        ..Column::default()
    }
}

/// A guest's memory that is filled from `BASE` on.
struct Memory(Vec<u8>);

impl Memory {
    /// Puts bytes where they are aligned for anything; pointer and length.
    fn put(&mut self, bytes: &[u8]) -> [u32; 2] {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let at = BASE + self.0.len() as u32;
        self.0.extend_from_slice(bytes);
        [at, bytes.len() as u32]
    }

    /// Puts the records of a list; pointer and number.
    fn list<const WORDS: usize>(&mut self, records: &[[u32; WORDS]]) -> [u32; 2] {
        let bytes: Vec<u8> = records
            .iter()
            .flatten()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        [self.put(&bytes)[0], records.len() as u32]
    }

    fn field(&mut self, field: &Field) -> [u32; 8] {
        let [name, name_len] = self.put(field.name.as_bytes());
        let [format, format_len] = self.put(field.format.as_bytes());
        let pairs: Vec<[u32; 4]> = field
            .metadata
            .iter()
            .map(|(key, value)| {
                let [key, key_len] = self.put(key.as_bytes());
                let [value, value_len] = self.put(value.as_bytes());
                [key, key_len, value, value_len]
            })
            .collect();
        let [metadata, pairs] = self.list(&pairs);
        let nullable = u32::from(field.nullable);
        [
            name,
            name_len,
            format,
            format_len,
            nullable,
            field.children,
            metadata,
            pairs,
        ]
    }

    fn column(&mut self, column: &Column) -> [u32; 9] {
        let mut optional = |buffer: &Option<Vec<u8>>| match buffer {
            Some(bytes) => {
                let [at, len] = self.put(bytes);
                [1, at, len]
            }
            None => [0, 0, 0],
        };
        let [has_validity, validity, validity_len] = optional(&column.validity);
        let [has_offsets, offsets, offsets_len] = optional(&column.offsets);
        let [values, values_len] = self.put(&column.values);
        [
            column.length,
            has_validity,
            validity,
            validity_len,
            has_offsets,
            offsets,
            offsets_len,
            values,
            values_len,
        ]
    }
}

/// The text of a guest that writes one batch into a table of a schema and returns the table. Its check promises no schema.
pub fn writes(schema: &[Field], rows: u32, columns: &[Column]) -> String {
    let mut memory = Memory(Vec::new());
    let fields: Vec<_> = schema.iter().map(|field| memory.field(field)).collect();
    let [fields, field_count] = memory.list(&fields);
    let columns: Vec<_> = columns.iter().map(|column| memory.column(column)).collect();
    let [columns, column_count] = memory.list(&columns);
    let bytes: String = memory
        .0
        .iter()
        .map(|byte| format!("\\{byte:02x}"))
        .collect();
    format!(
        "(data (i32.const {BASE}) \"{bytes}\")\n\
         (func $table (result i32)\n\
           (call $table-writer (i32.const {fields}) (i32.const {field_count}) (i32.const 0) (i32.const 0)))\n\
         (func $write (param $writer i32)\n\
           (call $table-writer.write (local.get $writer) (i32.const {rows}) (i32.const {columns}) (i32.const {column_count})))\n"
    )
}
